"""The browser: sessions, origin policy, secrets, observation and actions, on Playwright."""
