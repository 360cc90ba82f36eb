/** Folders of the vendor's PHP SDK and of what it needs. */
export interface PhpCheckouts {
  readonly sdk: string;
  readonly jsonmapper: string;
  readonly psrLog: string;
}

/** What was given; the rest is left out. */
export interface Checkouts {
  readonly php?: PhpCheckouts;
  readonly paytabsPt2?: string;
}
