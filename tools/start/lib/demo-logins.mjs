// @ts-check
/**
 * The people of the demo data that the tour signs in as. The tour may run where nothing is
 * installed, so they stand here once more; a test compares them with the demo data.
 */
export const DEMO_PASSWORD = 'nestcms demo 2026';
export const DEMO_EMPLOYEE = { email: 'omar@demo.nestcms.example', password: DEMO_PASSWORD };
export const DEMO_CLIENT = { email: 'sara@demo.nestcms.example', password: DEMO_PASSWORD };
