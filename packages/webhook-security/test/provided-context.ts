// Types what the shared test servers provide to `inject`.
import type {} from '@nestcms/testbed';
