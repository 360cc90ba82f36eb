/* Sends to the simulator what the package would send to a region's host. */

const { createRequire } = require('node:module');
const path = require('node:path');

const axios = createRequire(path.join(process.env.OUTSIDE_PAYTABS_PT2, 'main.js'))('axios');

axios.interceptors.request.use((request) => {
  const { pathname } = new URL(request.url);
  return { ...request, url: process.env.OUTSIDE_BASE_URL + pathname };
});
