"""The web application of capture: one desk for each role, and the house behind them."""
