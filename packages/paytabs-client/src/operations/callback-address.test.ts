import { describe, expect, it } from 'vitest';
import { whyUnreachable } from './callback-address.js';

describe('a callback', () => {
  it.each([
    'https://shop.example.com/paytabs/callback',
    'https://203.0.113.10/callback',
    'https://172.32.0.1/callback',
    'https://[2001:db8::1]/callback',
    'https://shop.example.com:443/callback',
    'https://localhost.example.com/callback',
  ])('reaches %s', (url) => {
    expect(whyUnreachable(url)).toBeUndefined();
  });

  it.each([
    ['http://shop.example.com/callback', /https/],
    ['https://shop.example.com:8443/callback', /no port/],
    ['https://localhost/callback', /public host/],
    ['https://shop/callback', /public host/],
    ['https://shop.local/callback', /public host/],
    ['https://127.0.0.1/callback', /public host/],
    ['https://10.1.2.3/callback', /public host/],
    ['https://172.16.0.1/callback', /public host/],
    ['https://192.168.1.1/callback', /public host/],
    ['https://169.254.1.1/callback', /public host/],
    ['https://100.64.0.1/callback', /public host/],
    ['https://[::1]/callback', /public host/],
    ['https://[fd00::1]/callback', /public host/],
    ['https://[fe80::1]/callback', /public host/],
  ])('never reaches %s', (url, why) => {
    expect(whyUnreachable(url)).toMatch(why);
  });
});
