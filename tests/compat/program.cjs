// Runs flows against the SDK in the folder named on the command line. Every line of its input is one
// order, `{script, flow, environment, given, promised}`; every line of its output is what that flow saw
// and which of the promised methods did not come to a good end in it, `{seen, missed}`, or how it broke,
// `{broke}`. It ends with its input.
'use strict';

const { createInterface } = require('node:readline');
const { watched } = require('./surface.cjs');
const tools = require('./tools.cjs');

const [, , folder] = process.argv;
const { sdk, called, methods } = watched(require(require.resolve('@contio/partner-sdk', { paths: [folder] })));

async function obeyed({ script, flow, environment, given, promised }) {
  called.clear();
  try {
    const seen = await require(`./${script}.cjs`)[flow]({ ...tools(sdk, environment, given), methods });
    return { seen, missed: methods.filter((name) => promised.includes(name) && !called.has(name)) };
  } catch (error) {
    return { broke: error.stack };
  }
}

async function main() {
  for await (const order of createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await obeyed(JSON.parse(order))));
  }
}

main();
