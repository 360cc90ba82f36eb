/* One call of the package: reads it as JSON, writes what the package hands to its callback. */

const { readFileSync } = require('node:fs');
const paytabs = require(process.env.OUTSIDE_PAYTABS_PT2);

const { name, args } = JSON.parse(readFileSync(0, 'utf8'));
const { OUTSIDE_PROFILE_ID, OUTSIDE_SERVER_KEY } = process.env;
paytabs.setConfig(Number(OUTSIDE_PROFILE_ID), OUTSIDE_SERVER_KEY, 'ARE');
paytabs[name](...args, (answer) => process.stdout.write(JSON.stringify(answer)));
