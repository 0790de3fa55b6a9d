// A browser as far as the sign-in needs one: it follows redirects, keeps cookies by their path, and
// submits the first form of a page. It stops where the sign-in hands over to the partner's own site.
'use strict';

const ENTITIES = { amp: '&', quot: '"', '#34': '"', '#39': "'", lt: '<', gt: '>' };

class Browser {
  constructor(home) {
    this.origin = new URL(home).origin;
    this.cookies = new Map();
    this.visited = [];
    this.page = '';
    this.left = null;
  }

  async open(url, request = {}) {
    const target = new URL(url, this.origin);
    if (target.origin !== this.origin) {
      this.left = target;
      return this;
    }
    this.visited.push(target.pathname);
    const headers = { accept: 'text/html', cookie: this.cookiesFor(target.pathname), ...request.headers };
    const response = await fetch(target, { ...request, headers, redirect: 'manual' });
    this.keepCookies(response);
    const page = await response.text();
    if (response.status >= 300 && response.status < 400) {
      return this.open(new URL(response.headers.get('location'), target));
    }
    if (!response.ok) throw new Error(`${target.pathname}: ${response.status} ${page}`);
    this.page = page;
    return this;
  }

  async submit(fields) {
    const [, action] = /<form method="post" action="([^"]*)"/.exec(this.page);
    return this.open(text(action), {
      method: 'POST',
      headers: { origin: this.origin, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields).toString(),
    });
  }

  /** A field of the page: its attributes as they stand there. */
  field(name) {
    const [input] = new RegExp(`<input [^>]*name="${name}"[^>]*>`).exec(this.page);
    const value = /value="([^"]*)"/.exec(input);
    return { value: value && text(value[1]), locked: / readonly/.test(input) };
  }

  cookiesFor(path) {
    const sent = [...this.cookies].filter(([, cookie]) => path.startsWith(cookie.path));
    return sent.map(([name, cookie]) => `${name}=${cookie.value}`).join('; ');
  }

  keepCookies(response) {
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      const path = /; *path=([^;]*)/i.exec(line);
      this.cookies.set(name, { value, path: path ? path[1] : '/' });
    }
  }
}

function text(html) {
  return html.replace(/&([a-z]+|#\d+);/g, (whole, name) => ENTITIES[name] ?? whole);
}

module.exports = { Browser };
