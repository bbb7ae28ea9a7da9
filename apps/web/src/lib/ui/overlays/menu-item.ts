// An open menu gives its items the library's component, so that pages that only name the items do not load the library.
import type { DropdownMenu } from 'bits-ui';
import { createContext } from 'svelte';

export const [menuItem, setMenuItem] = createContext<typeof DropdownMenu.Item>();
