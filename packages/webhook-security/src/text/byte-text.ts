export { fromByteText, toByteText } from '../platform/index.js';
