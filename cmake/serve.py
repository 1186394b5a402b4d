#!/usr/bin/env python3
"""A tiny server for trying the built site: serve.py FOLDER [PORT]. Any other file host will do as well."""
import functools
import http.server
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map,
                      ".wasm": "application/wasm", ".js": "text/javascript", ".otf": "font/otf", ".ttf": "font/ttf"}

    def end_headers(self):
        # The browser asks each time whether the file changed: a rebuilt page is never hidden by a cached one.
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_request(self, code="-", size="-"):
        if not str(code).startswith(("2", "3")):
            super().log_request(code, size)


def main():
    folder = sys.argv[1]
    port = int(sys.argv[2]) if len(sys.argv) > 2 else 8080
    http.server.ThreadingHTTPServer.daemon_threads = True
    try:
        server = http.server.ThreadingHTTPServer(("", port), functools.partial(Handler, directory=folder))
    except OSError as error:
        sys.exit(f"Port {port} cannot be used ({error.strerror}). Choose another: PORT=8081 ./run.sh")
    print(f"KubeWalk is at http://localhost:{port}  (Ctrl+C stops it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()


main()
