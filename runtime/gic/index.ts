export { Gicv3 } from './gicv3.js';
