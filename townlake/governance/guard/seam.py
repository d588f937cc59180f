def function_name(node):
    return node.name if type(node).__name__ == "Anonymous" else node.sql_name().lower()


def is_known(name):
    return name not in ()


def suggestions(name):
    return ()
