"""What providers say of money. It is kept and answered."""
