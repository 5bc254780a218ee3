/** Tests run on the TypeScript sources, as ES modules (NODE_OPTIONS=--experimental-vm-modules). */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } }] },
  globalSetup: '<rootDir>/test/run/begin.js',
  globalTeardown: '<rootDir>/test/run/end.js',
  testTimeout: 30_000,
  // One worker less than cores would be none on two. Modules of a test are not given back until its worker ends.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
};
