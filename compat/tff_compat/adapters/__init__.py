"""What translates legacy calls, laid out by the place where TFF offered each symbol."""
