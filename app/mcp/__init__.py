"""Tools for the models of others, by the Model Context Protocol: the same runs, catalog and door as over HTTP."""
