// Which of the usual events of the Segment specification is it? Those have a name in the reader's language. Pure.
const KNOWN = {
  'Order Completed': 'order_completed',
  'Order Delivered': 'order_delivered',
  'Order Refunded': 'order_refunded',
  'Order Cancelled': 'order_cancelled',
  'Order Updated': 'order_updated',
  'Product Viewed': 'product_viewed',
  'Product List Viewed': 'product_list_viewed',
  'Products Searched': 'products_searched',
  'Product Clicked': 'product_clicked',
  'Product Added': 'product_added',
  'Product Removed': 'product_removed',
  'Product Added to Wishlist': 'product_added_to_wishlist',
  'Product Shared': 'product_shared',
  'Product Reviewed': 'product_reviewed',
  'Cart Viewed': 'cart_viewed',
  'Checkout Started': 'checkout_started',
  'Checkout Step Completed': 'checkout_step_completed',
  'Payment Info Entered': 'payment_info_entered',
  'Coupon Entered': 'coupon_entered',
  'Coupon Applied': 'coupon_applied',
  'Coupon Denied': 'coupon_denied',
  'Signed Up': 'signed_up',
  'Signed In': 'signed_in',
  'Application Opened': 'application_opened',
  'Application Installed': 'application_installed',
  page: 'page',
  screen: 'screen',
  'Email Sent': 'email_sent',
  'Email Delivered': 'email_delivered',
  'Email Opened': 'email_opened',
  'Email Link Clicked': 'email_link_clicked',
  Unsubscribed: 'unsubscribed',
  'Ticket Opened': 'ticket_opened',
  identify: 'identify',
} as const;

const keys: Readonly<Record<string, (typeof KNOWN)[keyof typeof KNOWN]>> = KNOWN;

export const knownEvent = (name: string): (typeof KNOWN)[keyof typeof KNOWN] | undefined =>
  Object.hasOwn(keys, name) ? keys[name] : undefined;
