"""Programs that look at a rendered mail: a browser with the rules of accessibility, and a spam filter."""
