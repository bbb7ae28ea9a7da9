/** The columns of a list of requests, and the labels by which they are recognised. */

export const bulkRequestColumns = ['name', 'type', 'due', 'assignees', 'description'] as const;
export type BulkRequestColumn = (typeof bulkRequestColumns)[number];
/** `none`: the column is ignored. */
export type ColumnUse = BulkRequestColumn | 'none';

/** Known labels in English and Spanish, as `foldedLabel` writes them. */
const labels: Record<ColumnUse, string> = {
  name: 'name|request|request name|deliverable|nombre|solicitud|pedido|entregable|nombre de la solicitud|nombre del pedido',
  type: 'type|request type|tipo|tipo de solicitud|tipo de pedido',
  due: 'due|due date|due at|due on|deadline|delivery date|vence|vence el|vencimiento|fecha de vencimiento|fecha de entrega|fecha limite|plazo',
  assignees:
    'assignees|assignee|assigned|assigned to|responsible|asignado|asignada|asignados|asignadas|asignado a|asignada a|asignados a|asignadas a|responsable|responsables',
  description: 'description|notes|note|details|descripcion|notas|nota|detalles',
  // Columns that Turnover adds to its own list of refused lines.
  none: 'line|problem|linea|problema',
};
const uses = new Map(
  Object.entries(labels).flatMap(([use, all]) =>
    all.split('|').map((label) => [label, use as ColumnUse] as const),
  ),
);

/** Returns the column that the label names; undefined when the label is unknown. */
export function columnUse(label: string): ColumnUse | undefined {
  return uses.get(foldedLabel(label));
}

/** Returns the label in lower case, without accents and surrounding marks: `assigned to` for `* Assigned To:`. */
export function foldedLabel(label: string): string {
  return label
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[\s_]+/g, ' ')
    .replace(/^[\s*#]+|[\s*:.]+$/g, '');
}
