def function_name(node):
    return node.name if type(node).__name__ == "Anonymous" else node.sql_name().lower()


def is_known(name):
    return name not in ("no_such_function", "nvl", "read_csv")


def suggestions(name):
    return ()
