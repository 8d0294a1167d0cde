"""The demo's past: back issues that went out before anybody looked, with the readers of their time."""
