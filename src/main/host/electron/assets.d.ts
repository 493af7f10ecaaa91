// For `import file from './x.png?asset'`: the path of a file that the build puts beside the code.
/// <reference types="electron-vite/node" />
