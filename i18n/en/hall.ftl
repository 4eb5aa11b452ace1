# Messages of: hall
