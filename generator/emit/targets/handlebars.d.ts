/** Handlebars in one file, for browsers: it loads in a third of the time of the package's entry for Node. */
declare module 'handlebars/dist/handlebars.js' {
  import Handlebars from 'handlebars';

  export default Handlebars;
}
