// Runs flows against the SDK in the folder named on the command line. Every line of its input is one
// order, `{script, flow, environment}`; every line of its output is what that flow saw, `{seen}`, or
// how it broke, `{broke}`. It ends with its input.
'use strict';

const { createInterface } = require('node:readline');
const tools = require('./tools.cjs');

const [, , folder] = process.argv;
const sdk = require(require.resolve('@contio/partner-sdk', { paths: [folder] }));

async function obeyed({ script, flow, environment }) {
  try {
    return { seen: await require(`./${script}.cjs`)[flow](tools(sdk, environment)) };
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
