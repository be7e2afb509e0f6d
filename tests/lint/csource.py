"""What the lints read out of C text without a compiler. It relies on docs/style.md, not on the C standard."""
import re

TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w+)[ \t]*(\w*)(?:.*\\\n)*.*", re.M)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
ATTRIBUTE = re.compile(r"__attribute__\s*\(\((?:[^()]|\([^()]*\))*\)\)")
FUNCTION = re.compile(r"^[\w\s*]*[\s*](\w+)\s*\((?!\s*\*)")
STEP = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def blank(match):
    """As many lines, with nothing in them."""
    return " " + "\n" * match.group().count("\n")


def code_only(source):
    """The same lines without comments and string literals."""
    return TOKEN.sub(blank, source)


def includes(source):
    """(line, quote, target) of every #include."""
    for number, line in enumerate(source.splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, *match.groups()


def directives(code):
    """(line, depth, directive, name) of every preprocessor line; the depth counts the brackets and braces open there.
    Every branch of an #if begins at the depth of the #if."""
    depth, at, branches = 0, 0, []
    for match in DIRECTIVE.finditer(code):
        depth += sum(STEP.get(c, 0) for c in code[at:match.start()])
        at = match.end()
        kind = match.group(1)
        if kind.startswith("if"):
            branches.append(depth)
        elif kind in ("else", "elif") and branches:
            depth = branches[-1]
        elif kind == "endif" and branches:
            branches.pop()
        yield code.count("\n", 0, match.start()) + 1, depth, kind, match.group(2)


def top_level(code):
    """(line, text, is a function's definition) of every declaration and definition outside of braces."""
    code = DIRECTIVE.sub(blank, code)
    depth, start, text = 0, 0, ""
    for at, c in enumerate(code):
        if c == "{":
            depth += 1
        elif c == "}":
            depth -= 1
            if depth == 0 and "=" not in text and FUNCTION.match(text):
                yield start, text, True
                text = ""
        elif depth == 0 and c == ";":
            yield start, text, False
            text = ""
        elif depth == 0 and (text or not c.isspace()):
            if not text:
                start = code.count("\n", 0, at) + 1
            text += c


def prototypes(source):
    """(line, name) of every function that a header declares and doesn't define."""
    for line, text, definition in top_level(code_only(source)):
        match = FUNCTION.match(ATTRIBUTE.sub(" ", text))
        if match and not definition and not re.match(r"(static|typedef)\b", text):
            yield line, match.group(1)


def reachable(start, after):
    """What one comes to from there, where after[node] are the next ones: start itself only if it is in a circle."""
    seen, todo = set(), [start]
    while todo:
        for node in after.get(todo.pop(), ()):
            if node not in seen:
                seen.add(node)
                todo.append(node)
    return seen
