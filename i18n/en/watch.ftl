# Messages of: watch
