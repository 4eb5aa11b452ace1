# Messages of: refused
