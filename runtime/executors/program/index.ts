export { ProgramExecutor } from './executor.js';
