import { commandPage } from './command.js';
import { functionPage } from './function.js';
import type { Page } from './page.js';
import type { PageItem, Source } from './source.js';
import {
  aliasPage,
  constantPage,
  enumerationPage,
  fieldsetPage,
  mapPage,
  maskPage,
  structPage,
} from './type.js';

export { outcomeLine } from './command.js';
export { allDepartures, compareSections, type Departure, departuresOf } from './departures.js';
export { isSection, Names } from './find.js';
export { functionPage, interfacePage } from './function.js';
export { outcomeOf } from './outcome.js';
export * from './page.js';
export { mentionTable, otherNames, split, users } from './sections.js';
export { type OtherName, type PageItem, Source } from './source.js';
export { type Paint, renderList, renderPage } from './terminal.js';
export { entryLine, fieldMask, labelsOf } from './type.js';
export { conditionsIn, conditionText, type Mention, namesIn } from './uses.js';
export {
  conditionLine,
  count,
  fidText,
  isProse,
  numberText,
  partsOf,
  placePiece,
  prose,
  registerText,
  signatureText,
  typePiece,
  typeUseLine,
  typeUseText,
  whatIs,
} from './words.js';

/** All that there is to say about an item. */
export function pageOf(item: PageItem, source: Source): Page {
  switch (item.kind) {
    case 'command':
      return commandPage(item, source);
    case 'function':
      return functionPage(item, source);
    case 'enumeration':
      return enumerationPage(item, source);
    case 'fieldset':
      return fieldsetPage(item, source);
    case 'struct':
      return structPage(item, source);
    case 'alias':
      return aliasPage(item, source);
    case 'mask':
      return maskPage(item, source);
    case 'constant':
      return constantPage(item, source);
    case 'map':
      return mapPage(item, source);
  }
}
