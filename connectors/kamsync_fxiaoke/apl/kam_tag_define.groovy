/** kam_tag_define__c : every tag that records of an object may carry. inputData: objectApiName. */
Map given = inputData as Map
def (Boolean error, Object data, String message) = Fx.tag.findTagDefine(given["objectApiName"] as String)
return ["isError": error, "data": ["dataList": error ? [] : data], "message": error ? message : ""]
