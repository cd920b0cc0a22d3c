"""Events from the door to the files, beside what unpacking and validating alone costs."""
