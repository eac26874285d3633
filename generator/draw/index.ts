export { drawFieldset, drawMask } from './fieldset.js';
export { drawOrder, type OrderGroup, orderGroups } from './order.js';
export { drawStruct, type Extent, extentsOf, memberTitle, structWidth } from './struct.js';
