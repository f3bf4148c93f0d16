"""Programs for people who work on the dashboard: find a browser, start the app for a while, take pictures."""
