# Messages of: technician
