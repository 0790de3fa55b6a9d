// What the SDK has: its functions and the methods of its classes, found in the SDK itself, and which of
// them were called and did not fail.
'use strict';

const isClass = (value) => /^class\b/.test(Function.prototype.toString.call(value));

/** Where each of them stands: `[name, holder, key]`; a class has its own methods, not what it inherits. */
function callables(sdk) {
  const found = [];
  for (const [name, value] of Object.entries(sdk)) {
    if (typeof value !== 'function' || name === 'default') continue;
    if (!isClass(value)) found.push([name, sdk, name]);
    else found.push(...methods(name, value), ...methods(name, value.prototype));
  }
  return found;
}

function methods(name, holder) {
  const keys = Object.getOwnPropertyNames(holder).filter((key) => key !== 'constructor');
  return keys.filter((key) => typeof holder[key] === 'function').map((key) => [`${name}.${key}`, holder, key]);
}

/** The SDK, which notes every method that came to a good end, and the names of all that it has. */
function watched(original) {
  const sdk = { ...original };
  const called = new Set();
  const found = callables(sdk);
  for (const [name, holder, key] of found) holder[key] = noting(holder[key], () => called.add(name));
  return { sdk, called, methods: found.map(([name]) => name) };
}

function noting(method, note) {
  return function (...given) {
    const answer = method.apply(this, given);
    if (answer instanceof Promise) return answer.then((value) => (note(), value));
    note();
    return answer;
  };
}

module.exports = { watched };
