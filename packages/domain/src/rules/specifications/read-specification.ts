/** Reads a published delivery specification; its content decides the format. */
import { readImfDelivery } from './imf-delivery.ts';
import type { SpecificationProblem, SpecificationView } from './specification.ts';
import { readUmdp } from './umdp.ts';

export function readSpecification(written: string): SpecificationView | SpecificationProblem {
  const text = written.replace(/^\uFEFF/, '').trimStart();
  if (text.startsWith('<')) {
    if (!/<(?:\w+:)?DeliverySpecificationList[\s>]/.test(text))
      return { problem: 'unknown_format', at: null };
    const types = readImfDelivery(text);
    return 'problem' in types ? types : { format: 'imf_delivery_schema', types };
  }
  if (!text.startsWith('{')) return { problem: 'unknown_format', at: null };
  const profile = jsonOf(text);
  if (profile === undefined) return { problem: 'not_json', at: null };
  const type = readUmdp(profile);
  return 'problem' in type ? type : { format: 'umdp', types: [type] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
