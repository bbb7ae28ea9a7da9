declare module 'vitest' {
  interface ProvidedContext {
    /** `off`: the check that is switched off; '' for none. `reachedFolder`: where a test file notes what it reaches. */
    checks: { off: string; reachedFolder: string };
  }
}

export {};
