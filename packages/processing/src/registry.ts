/** Every stage by name. A stage name in domain without a stage here does not compile. */
import type { StageName } from '@turnover/domain/media/stages';
import type { Stage } from './stage.ts';
import { checksum } from './stages/checksum.ts';
import { encode } from './stages/encode.ts';
import { inspect } from './stages/inspect.ts';
import { packageStage } from './stages/package.ts';
import { preview } from './stages/preview.ts';
import { rules } from './stages/rules.ts';
import { signal } from './stages/signal.ts';
import { text } from './stages/text.ts';

export const stages = {
  checksum,
  inspect,
  rules,
  signal,
  text,
  package: packageStage,
  preview,
  encode,
} satisfies Record<StageName, Stage>;
