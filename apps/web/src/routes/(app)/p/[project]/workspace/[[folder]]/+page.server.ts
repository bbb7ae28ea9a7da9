// Loads the stored order of lists, so that the first page is rendered in it.
import { orderCookie, readOrder } from '#lib/features/workspace/entry-order.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = ({ cookies }) => ({ order: readOrder(cookies.get(orderCookie)) });
