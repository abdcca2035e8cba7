"""Domain of the images upload API: models, rules, ports and use cases, free of AWS, HTTP and processes."""
