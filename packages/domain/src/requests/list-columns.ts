/** What the columns of a list of requests are called: by their names at the interface, and as pages and people say it. */

export const bulkRequestColumns = ['name', 'type', 'due', 'assignees', 'description'] as const;
export type BulkRequestColumn = (typeof bulkRequestColumns)[number];
/** `none`: what stands in it is left out. */
export type ColumnUse = BulkRequestColumn | 'none';

/** In English and Spanish, folded. */
const labels: Record<ColumnUse, string> = {
  name: 'name|request|request name|deliverable|nombre|solicitud|pedido|entregable|nombre de la solicitud|nombre del pedido',
  type: 'type|request type|tipo|tipo de solicitud|tipo de pedido',
  due: 'due|due date|due at|due on|deadline|delivery date|vence|vence el|vencimiento|fecha de vencimiento|fecha de entrega|fecha limite|plazo',
  assignees:
    'assignees|assignee|assigned|assigned to|responsible|asignado|asignada|asignados|asignadas|asignado a|asignada a|asignados a|asignadas a|responsable|responsables',
  description: 'description|notes|note|details|descripcion|notas|nota|detalles',
  // Columns of the list of refused lines.
  none: 'line|problem|linea|problema',
};
const uses = new Map(
  Object.entries(labels).flatMap(([use, all]) =>
    all.split('|').map((label) => [label, use as ColumnUse] as const),
  ),
);

/** Undefined: nobody knows what the label means. */
export function columnUse(label: string): ColumnUse | undefined {
  return uses.get(foldedLabel(label));
}

/** Without case, accents, and the marks around it: `* Assigned To:`. */
export function foldedLabel(label: string): string {
  return label
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_]+/g, ' ')
    .replace(/^[\s*#]+|[\s*:.]+$/g, '');
}
