"""The methods, one to a file: from moments to estimates."""
