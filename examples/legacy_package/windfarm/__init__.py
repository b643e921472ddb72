"""The power of wind turbines, learned where their data is."""
