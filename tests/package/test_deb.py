#!/usr/bin/env python3
"""The Debian package and "cmake --install": which files, with which rights, and what the package says of itself. Its life in
a Debian of its own is tests/package/debian12.sh, by hand."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

BUILD = pathlib.Path(os.environ["BINARY_DIR"])
SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
WEDGE = os.environ["WEDGE"]
DOC = "/usr/share/doc/wedge/"
PROGRAM = "/usr/bin/wedge"
SERVICE = "/usr/lib/systemd/system/wedge.service"
CONFIG = "/etc/wedge/wedge.yaml"
ARCH = subprocess.run(["dpkg-architecture", "-qDEB_HOST_MULTIARCH"], capture_output=True, text=True, check=False).stdout.strip()
EXTCAP = f"lib/{ARCH}/wireshark/extcap/wedge-extcap"
BESIDE_DOCUMENTS = {
    PROGRAM: "-rwxr-xr-x",
    CONFIG: "-rw-r--r--",
    SERVICE: "-rw-r--r--",
    "/usr/share/bash-completion/completions/wedge": "-rw-r--r--",
    "/usr/share/zsh/vendor-completions/_wedge": "-rw-r--r--",
    "/usr/share/man/man1/wedge.1.gz": "-rw-r--r--",
    "/usr/bin/wedge-toxiproxy -> wedge": "lrwxrwxrwx",
    f"/usr/{EXTCAP} -> ../../../../bin/wedge": "lrwxrwxrwx",
    "/usr/share/man/man1/wedge-toxiproxy.1.gz -> wedge.1.gz": "lrwxrwxrwx",
    "/usr/share/lintian/overrides/wedge": "-rw-r--r--",
    DOC + "copyright": "-rw-r--r--",
    DOC + "changelog.Debian.gz": "-rw-r--r--",
}
INSTALLED = {"bin/wedge", "share/man/man1/wedge.1.gz", "bin/wedge-toxiproxy", "share/man/man1/wedge-toxiproxy.1.gz",
             "share/bash-completion/completions/wedge",
             "share/zsh/site-functions/_wedge", "share/doc/wedge/LICENSE", EXTCAP}
DOCUMENTS = {".md", ".json", ".yml", ".yaml", ".j2"}


def run(*words, **more):
    return subprocess.run([str(w) for w in words], check=True, capture_output=True, text=True, **more).stdout


def documents():
    return {"README.md"} | {str(p.relative_to(SOURCE)) for p in (SOURCE / "docs").rglob("*")
                            if p.suffix in DOCUMENTS or p.name == "Containerfile"}


def check(what, is_so):
    print(("ok: " if is_so else "NOT ok: ") + what)
    return is_so


def make_package(folder):
    # A generator without a "preinstall" target: cpack would build everything once more, under other tests.
    run("cpack", "-G", "DEB", "-B", folder, "-D", "CPACK_CMAKE_GENERATOR=Ninja", cwd=BUILD)
    return next(folder.glob("wedge_*.deb"))


def package_checks(package, folder):
    version = run(WEDGE, "version").split()[1]
    rows = [line.split(None, 5) for line in run("dpkg-deb", "-c", package).splitlines()]
    files = {row[5][1:]: row[0] for row in rows if row[0][0] != "d"}
    expected = BESIDE_DOCUMENTS | {DOC + name: "-rw-r--r--" for name in documents()}
    for name in sorted(files.keys() ^ expected.keys()):
        print("missing:" if name in expected else "unexpected:", name)
    yield check("its files are those that are meant", files.keys() == expected.keys())
    yield check("their rights", files == expected)
    yield check("all is root's", all(row[1] == "root/root" for row in rows))
    yield check("folders are for everybody", all(row[0] == "drwxr-xr-x" for row in rows if row[0][0] == "d"))

    def field(name):
        return run("dpkg-deb", "-f", package, name).strip()
    arch = run("dpkg", "--print-architecture").strip()
    yield check("its name", package.name == f"wedge_{version}-1_{arch}.deb" and field("Package") == "wedge")
    yield check("its version is the program's", field("Version") == version + "-1")
    yield check("its summary is one line without an article", re.match(r"[^\n]{20,79}\n", field("Description")))
    # What the program is linked with, by the loader's word: each of a package that the package depends on.
    needed = re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", WEDGE))
    depends = {d.split()[0] for d in field("Depends").split(",")}
    alone = [lib for lib in needed if not depends & set(re.findall(r"^([^:]+):", run("dpkg", "-S", f"*/{lib}"), re.M))]
    print("depends on", field("Depends"), "\nwithout a dependency:", alone)
    yield check("each library that it is linked with is a dependency's", len(needed) > 8 and not alone)

    control = folder / "control"
    run("dpkg-deb", "-e", package, control)
    for script in ("postinst", "prerm", "postrm"):
        yield check(f"{script} is a script", run("sh", "-n", control / script) == "" and os.access(control / script, os.X_OK))
    yield check("the configuration is a conffile", (control / "conffiles").read_text() == CONFIG + "\n")
    tree = folder / "tree"
    run("dpkg-deb", "-x", package, tree)
    yield check("the program runs", run(str(tree) + PROGRAM, "version") == f"wedge {version}\n")
    yield check("the configuration is valid", subprocess.run([WEDGE, "proxy", "--check", str(tree) + CONFIG]).returncode == 0)
    for named in re.findall(r"/usr/[\w/.-]+|/etc/[\w/.-]+", pathlib.Path(str(tree) + SERVICE).read_text()):
        yield check(f"what the service names is there: {named}", pathlib.Path(str(tree) + named).exists())
    if shutil.which("systemd-analyze"):
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={tree}", "wedge.service"],
                              capture_output=True, text=True)
        said = [line for line in done.stderr.splitlines() if "wedge.service:" in line
                and "/bin/sh" not in line and "Failed to create" not in line]  # the tree has nothing but wedge
        print("\n".join(said), end="")
        yield check("systemd finds nothing wrong with the service", not said)
    if shutil.which("lintian"):
        # lintian leaves files in TMPDIR. Who builds a package for others says by DEBFULLNAME and DEBEMAIL who that is.
        nameless = "bogus-mail-host,bogus-mail-host-in-debian-changelog,root-in-contact"
        done = subprocess.run(["lintian", "--fail-on", "error,warning", "--suppress-tags", nameless, "--allow-root",
                               str(package)], capture_output=True, text=True, env=os.environ | {"TMPDIR": str(folder)})
        print(done.stdout, end="")
        yield check("lintian has no error and no warning", done.returncode == 0)


def install_checks(folder):
    run("cmake", "--install", BUILD, "--prefix", folder)
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    expected = INSTALLED | {"share/doc/wedge/" + name for name in documents()}
    for name in sorted(files ^ expected):
        print("missing:" if name in expected else "unexpected:", name)
    yield check("what cmake --install puts there", files == expected)
    listed = run(folder / EXTCAP, "--extcap-interfaces", env=os.environ | {"XDG_RUNTIME_DIR": str(folder)})
    yield check("Wireshark's link is the program", listed.startswith("extcap {version="))
    yield check("the installed program runs", run(folder / "bin/wedge", "version").startswith("wedge "))
    yield check("it has its catalogue", "exchange-delayed-ack" in run(folder / "bin/wedge", "list", cwd=folder))
    manual = subprocess.run(["gzip", "-dc", folder / "share/man/man1/wedge.1.gz"], check=True, capture_output=True).stdout
    yield check("the manual is docs/wedge.1", manual == (SOURCE / "docs/wedge.1").read_bytes())


def main():
    for program in ("dpkg-deb", "dpkg-architecture", "dpkg-shlibdeps", "cpack", "objdump"):
        if not shutil.which(program):
            print(f"skipped: {program} isn't installed")
            return 77
    if "run" not in run(WEDGE, "--help"):
        print("skipped: this wedge is built without some commands")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "package").mkdir()
        good = list(install_checks(folder / "prefix"))
        good += package_checks(make_package(folder / "package"), folder)
    return 0 if all(good) else 1


sys.exit(main())
