export { type DiagnoseOptions, type Diagnosis, diagnose } from './diagnose.js';
