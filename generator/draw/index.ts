export { drawFieldset, drawMask } from './fieldset.js';
export { drawOrder, orderGroups } from './order.js';
export { drawStruct, extentsOf, memberTitle, structWidth } from './struct.js';
