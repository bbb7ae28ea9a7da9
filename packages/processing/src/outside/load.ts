/** Loads the modules of external stages. Only threads call this, so that no module can stop or hang a process. */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { outsideStage, type OutsideStage } from '@turnover/domain/media/outside-stages';
import type { OutsideDefinition } from './define-stage.ts';

export type LoadedStage = OutsideStage & Pick<OutsideDefinition, 'appliesTo' | 'run'>;

/** The stage without its functions, so that it can be sent to another thread. */
export function statedBy({ name, words, failures, skips, timeLimitMs }: LoadedStage): OutsideStage {
  return { name, words, failures, skips, timeLimitMs };
}

/** Throws an error whose sentence tells the administrator what to change. */
export async function loadOutsideStages(modules: readonly string[]): Promise<LoadedStage[]> {
  if (modules.length > 0) provideDefineStage();
  const loaded = new Map<string, { stage: LoadedStage; module: string }>();
  for (const module of modules) {
    const stage = await loadStage(module);
    const other = loaded.get(stage.name);
    if (other) throw new Error(`${other.module} and ${module} both define the stage ${stage.name}.`);
    loaded.set(stage.name, { stage, module });
  }
  return [...loaded.values()].map(({ stage }) => stage);
}

async function loadStage(module: string): Promise<LoadedStage> {
  const exported = await importModule(module);
  if (typeof exported.default !== 'object' || exported.default === null)
    throw new Error(`${module} does not export a stage by default.`);
  const { appliesTo, run, ...stated } = exported.default as OutsideDefinition;
  for (const [name, value] of Object.entries({ appliesTo, run }))
    if (typeof value !== 'function') throw new Error(`${module} is not a stage: ${name} must be a function.`);
  const result = outsideStage.safeParse(stated);
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new Error(`${module} is not a stage: ${[path.join('.'), message].filter(Boolean).join(': ')}.`);
  }
  return { ...result.data, appliesTo, run };
}

async function importModule(module: string): Promise<{ default?: unknown }> {
  try {
    const imported: unknown = await import(module.startsWith('/') ? pathToFileURL(module).href : module);
    return imported as { default?: unknown };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${module} cannot be loaded: ${message}`, { cause: error });
  }
}

let isProvided = false;

/** Lets modules import `@turnover/processing` wherever they are, without installing it. */
function provideDefineStage(): void {
  if (isProvided) return;
  isProvided = true;
  const url = new URL('./define-stage.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === '@turnover/processing' ? { url, shortCircuit: true } : next(specifier, context),
  });
}
